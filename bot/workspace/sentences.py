"""What the workspace itself says to a person, in Swedish and in English."""

_SENTENCES: dict[str, tuple[str, str]] = {
    "timeout": (
        "{app} svarade inte i tid. Försök igen om en stund.",
        "{app} did not answer in time. Try again in a moment.",
    ),
    "http": (
        "{app} kunde inte ta emot det du gjorde ({error}). Försök igen om en stund.",
        "{app} could not receive what you did ({error}). Try again in a moment.",
    ),
    "not_connected": (
        "{app} är inte igång just nu. Försök igen om en stund.",
        "{app} is not running at the moment. Try again in a moment.",
    ),
    "interactivity_disabled": (
        "{app} är inte inställd för att ta emot knappar och formulär.",
        "{app} is not set up to receive buttons and forms.",
    ),
    "trouble": (
        "{app} svarade med något som inte gick att visa. Försök igen om en stund.",
        "{app} answered with something that could not be shown. Try again in a moment.",
    ),
    "unknown_command": (
        "Kommandot {command} finns inte här.",
        "There is no command {command} here.",
    ),
    "invited": ("{name} är nu med i kanalen.", "{name} has been added to the channel."),
    "unknown_person": (
        "Ingen heter {name} här. Skriv /invite och ett användarnamn, till exempel @konsult.",
        "Nobody here is called {name}. Write /invite and a user name, for example @konsult.",
    ),
    "required": ("Fyll i det här fältet.", "Please fill in this field."),
    "too_short": ("Skriv minst {count} tecken.", "Write at least {count} characters."),
    "too_long": ("Skriv högst {count} tecken.", "Write at most {count} characters."),
    "too_many": ("Välj högst {count}.", "Choose at most {count}."),
    "not_offered": ("Välj något av alternativen.", "Choose one of the alternatives."),
    "bad_date": (
        "Skriv datumet som år-månad-dag, till exempel 2026-03-14.",
        "Write the date as year-month-day, for example 2026-03-14.",
    ),
    "bad_time": ("Skriv tiden som 09:30.", "Write the time as 09:30."),
    "bad_number": ("Skriv ett tal.", "Write a number."),
    "bad_integer": ("Skriv ett heltal.", "Write a whole number."),
    "too_low": ("Talet ska vara minst {count}.", "The number must be at least {count}."),
    "too_high": ("Talet ska vara högst {count}.", "The number must be at most {count}."),
    "bad_email": (
        "Skriv en e-postadress, till exempel namn@example.org.",
        "Write an e-mail address, for example name@example.org.",
    ),
    "bad_url": (
        "Skriv en webbadress som börjar med https://.",
        "Write a web address that begins with https://.",
    ),
    "channel_join": ("har gått med i kanalen", "has joined the channel"),
    "channel_leave": ("har lämnat kanalen", "has left the channel"),
    "channel_topic": ("ändrade kanalens ämne: {detail}", "set the channel topic: {detail}"),
    "channel_purpose": ("ändrade kanalens syfte: {detail}", "set the channel purpose: {detail}"),
    "channel_name": ("döpte om kanalen till {detail}", "renamed the channel to {detail}"),
    "channel_archive": ("arkiverade kanalen", "archived the channel"),
    "tombstone": ("Meddelandet är borttaget.", "This message was deleted."),
}


def sentence(key: str, locale: str, **values: object) -> str:
    """The sentence in the language of a locale: Swedish for sv, English for every other."""
    swedish, english = _SENTENCES[key]
    return (swedish if locale.lower().startswith("sv") else english).format(**values)
