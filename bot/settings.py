"""Settings: the installation's secrets, addresses and first values. What a coordinator may change is elsewhere."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError


def _address(value: str) -> str:
    if not value.startswith(("http://", "https://")) or not value.isascii() or any(map(str.isspace, value)):
        raise PydanticCustomError("address", "it must be an address that begins with http:// or https://")
    return value


def _token(value: SecretStr) -> SecretStr:
    said = value.get_secret_value()
    if not said.isascii() or not said.isprintable() or " " in said:
        raise PydanticCustomError("token", "it has characters that Slack never uses there")
    return value


Address = Annotated[str, AfterValidator(_address)]
Token = Annotated[SecretStr, AfterValidator(_token)]


class Settings(BaseSettings):
    """`KONSULT_*` from the environment or `.env`; every field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix="KONSULT_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    database_url: Annotated[
        str,
        Field(description="Where everything is kept: an SQLite file or a PostgreSQL database, as an SQLAlchemy URL."),
    ] = "sqlite:///var/konsult.db"
    slack_bot_token: Annotated[
        Token | None, Field(description="The bot token (`xoxb-…`) of the installed Slack app.")
    ] = None
    slack_app_token: Annotated[
        Token | None, Field(description="The app-level token (`xapp-…`) for Socket Mode, with `connections:write`.")
    ] = None
    slack_signing_secret: Annotated[
        Token | None, Field(description="The signing secret, for delivery over HTTP instead of Socket Mode.")
    ] = None
    slack_api_url: Annotated[
        Address, Field(description="The Web API to talk to: Slack's own, or any server that speaks it.")
    ] = "https://slack.com/api/"
    first_admin: Annotated[
        str | None, Field(description="The Slack user id of whoever sets the bot up on the first day.")
    ] = None
    organisation: Annotated[str, Field(description="The organisation's name, used when the database is new.")] = (
        "Socialförvaltningen"
    )
    coordinators_channel: Annotated[
        str | None,
        Field(description="The coordinators' channel by id, for an unattended set-up; otherwise chosen in App Home."),
    ] = None
    forum_channel: Annotated[
        str | None,
        Field(description="The forum's channel by id, for an unattended set-up; otherwise chosen in App Home."),
    ] = None
    coordinators: Annotated[
        list[str], Field(description="Slack user ids of coordinators, as a JSON list, for an unattended set-up.")
    ] = []
    deputies: Annotated[
        list[str], Field(description="Slack user ids of deputies, as a JSON list, for an unattended set-up.")
    ] = []
    host: Annotated[
        str, Field(description="The address that the HTTP endpoint listens on; the demo is on this machine only.")
    ] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="The port of the page in the demo, and of the HTTP endpoint otherwise.")
    ] = 3000
    health_port: Annotated[
        int | None,
        Field(
            ge=0,
            le=65535,
            description="A port for `/healthz`, `/readyz` and `/metrics` alone, in `run`, `serve` and `work` alike; "
            "without it they are at the HTTP endpoint, if there is one.",
        ),
    ] = None
    queue_limit: Annotated[
        int, Field(ge=1, description="How many seconds something may be due before `/readyz` calls it a fault.")
    ] = 300
    platform_port: Annotated[
        int | None,
        Field(ge=0, le=65535, validation_alias="PORT", description="Wins for the HTTP endpoint; hosts set it."),
    ] = None
    public_url: Annotated[
        Address | None,
        Field(description="The HTTPS address at which Slack reaches the endpoint, for the manifest."),
    ] = None
    demo_folder: Annotated[Path, Field(description="Where `konsult demo` keeps its data.")] = Path("var/demo")
    demo_database_url: Annotated[
        str | None,
        Field(description="A database for the demo's bot instead of a file in its folder; `--reset` leaves it alone."),
    ] = None
    worker_threads: Annotated[
        int, Field(ge=1, le=50, description="How many deliveries one process makes at a time.")
    ] = 4
    log_format: Annotated[
        Literal["text", "json"], Field(description="How logs are written: for people or for machines.")
    ] = "text"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="From which level on logs are written.")
    ] = "info"

    @property
    def endpoint_port(self) -> int:
        """The port of the HTTP endpoint."""
        return self.port if self.platform_port is None else self.platform_port


class Misconfigured(Exception):
    """A setting is missing or wrong; the message is one clear sentence for the operator."""


def load() -> Settings:
    """The settings as they are now. Raises `Misconfigured` naming the first one that is wrong, never its value."""
    try:
        return Settings()
    except SettingsError as error:
        raise Misconfigured("KONSULT_COORDINATORS and KONSULT_DEPUTIES must be JSON lists.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("The file .env cannot be read; it must be text in UTF-8.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"KONSULT_{name.upper()}"
        raise Misconfigured(f"{variable} cannot be used: {first['msg'][0].lower()}{first['msg'][1:]}.") from error


def needed(settings: Settings, *names: str) -> list[str]:
    """The values of secret settings. Raises `Misconfigured` naming those that are missing."""
    missing = [f"KONSULT_{name.upper()}" for name in names if getattr(settings, name) is None]
    if missing:
        raise Misconfigured(f"{' and '.join(missing)} must be set; see docs/settings.md.")
    return [getattr(settings, name).get_secret_value() for name in names]
