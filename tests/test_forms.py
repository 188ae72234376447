"""No form takes a personal number in, wherever in it somebody writes."""

import pytest
from pydantic import ValidationError

from models import forms
from models.forms import Form

NUMBER = "19121212-1212"


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        (forms.Question, "title", f"Om {NUMBER}"),
        (forms.Question, "question", f"Hur stöttar vi {NUMBER}?"),
        (forms.Question, "dnr", NUMBER),
        (forms.Question, "links", f"https://stad.example/\nhttps://stad.example/{NUMBER}"),
        (forms.Clarification, "text", NUMBER),
        (forms.Asking, "note", NUMBER),
        (forms.Writing, "text", NUMBER),
        (forms.Linking, "url", f"https://stad.example/?person={NUMBER}"),
        (forms.Linking, "title", NUMBER),
        (forms.Answering, "text", NUMBER),
        (forms.Answering, "links", [f"https://stad.example/{NUMBER}"]),
        (forms.Closing, "lesson", NUMBER),
        (forms.LessonWriting, "text", NUMBER),
        (forms.Feedbacking, "text", NUMBER),
        (forms.Diary, "dnr", f"dnr {NUMBER}"),
        (forms.Profile, "title", NUMBER),
        (forms.Profile, "bio", NUMBER),
        (forms.Profile, "keywords", f"boende\n{NUMBER}"),
        (forms.Profile, "publications", [NUMBER]),
        (forms.Sourced, "source", f"samtal med {NUMBER}"),
    ],
)
def test_a_personal_number_is_refused_at_its_field(form: type[Form], field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate({field: value})
    assert [each["type"] for each in refused.value.errors() if each["loc"][0] == field] == ["personal_number"]
    assert NUMBER not in "".join(each["msg"] for each in refused.value.errors())


def test_diary_numbers_and_addresses_are_taken() -> None:
    assert forms.Diary(unit_id=1, dnr=" 3.2-0582/2012 ").dnr == "3.2-0582/2012"
    assert forms.Linking(url=" https://doi.org/10.1000/182 ").url == "https://doi.org/10.1000/182"
    assert forms.Profile(keywords=" boende \n\n hemlöshet ").keywords == ["boende", "hemlöshet"]
