"""The command `hearing`: arguments only. Everything heavy is imported by the command that needs it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Online court hearings.", rich_markup_mode=None)

Data = Annotated[Path | None, typer.Option("--data", help="Folder that holds everything.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port of the pages.")]


@app.command()
def serve(
    data: Data = None,
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; 0.0.0.0 is the whole network.")] = None,
    tls: Annotated[str | None, typer.Option(help="on, off or auto.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM certificate chain.")] = None,
    private_key: Annotated[Path | None, typer.Option(help="PEM private key.")] = None,
    media_port: Annotated[int | None, typer.Option(help="UDP port of the first media process.")] = None,
) -> None:
    """Serve the product: pages, courtrooms, recording, transcripts."""
    from web.serve import run

    settings = _settings(
        data=data, port=port, host=host, tls=tls, certificate=certificate, private_key=private_key,
        media_port=media_port,
    )  # fmt: skip
    sys.exit(run(settings))


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", help="Folder of the demonstration.")] = Path("demo-data"),
    port: Port = None,
    exit_after: Annotated[bool, typer.Option("--exit", help="End after the hearing instead of staying up.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Hold a new hearing even if one is there.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report, as JSON, here.")] = None,
    speech: Annotated[
        list[str] | None, typer.Option(help="FILE=TEXTFILE: one robot reads it (WAV or FLAC, English, 5 to 60 s).")
    ] = None,
) -> None:
    """Robots hold a whole hearing; then the links to its case file, playback and transcript."""
    from web.demo.run import run

    settings = _settings(data=data, port=port, log_level="warning")
    sys.exit(run(settings, ends=exit_after, again=again, report=report, speech=speech or []))


@app.command()
def verify(
    data: Annotated[Path, typer.Option("--data", help="Folder that holds the record.")],
    database: Annotated[
        str, typer.Option(envvar="HEARING_DATABASE", help="postgresql://...; else SQLite in the folder.")
    ] = "",
    storage: Annotated[
        str, typer.Option(envvar="HEARING_STORAGE", help="s3://bucket/prefix?endpoint=...; else blobs/ in the folder.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every record, recording and file against its hashes, with code of its own."""
    import subprocess

    options = [*(["--database", database] if database else []), *(["--storage", storage] if storage else [])]
    options += ["--json"] if as_json else []
    command = [sys.executable, "-m", "hearing.verify", "--data", str(data), *options]
    sys.exit(subprocess.run(command, check=False).returncode)


@app.command()
def account(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    data: Data = None,
    full_name: Annotated[str, typer.Option(help="The person's full name.")] = "",
    court: Annotated[str, typer.Option(help="The court's name; it is founded if there is none.")] = "",
    role: Annotated[str, typer.Option(help="presiding_judge, clerk, procurator, ...")] = "clerk",
) -> None:
    """Make an account and print its first password: how a new installation begins."""
    from web.accounts import create

    sys.exit(create(_settings(data=data), name=name, full_name=full_name or name, court=court, role=role))


@app.command("turn-config")
def turn_config(
    certificate: Annotated[Path | None, typer.Option(help="PEM chain, on the TURN server's machine.")] = None,
    private_key: Annotated[Path | None, typer.Option(help="PEM key, on the TURN server's machine.")] = None,
    media: Annotated[
        list[str] | None, typer.Option(help="Address of a media server; without it this machine's and the settings'.")
    ] = None,
    address: Annotated[list[str] | None, typer.Option(help="Address to serve and relay on; none means all.")] = None,
) -> None:
    """Print coturn's configuration for this court, with the shared secret."""
    from web.tls import local_addresses
    from web.turn_config import Incomplete, Relay, write

    settings = _settings()
    try:
        text = write(
            Relay(
                urls=settings.turn_servers,
                secrets=settings.turn_secrets,
                media=media or [*settings.media_address_list, *local_addresses()],
                certificate=certificate or settings.certificate,
                private_key=private_key or settings.private_key,
                addresses=address or (),
            )
        )
    except (Incomplete, OSError) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None
    typer.echo(text, nl=False)


@app.command()
def drain(
    process: Annotated[str, typer.Argument(help="Its name in processes.json: media.0, web.0, worker.0, ...")],
    data: Data = None,
    move: Annotated[bool, typer.Option("--move", help="Have its open sittings taken elsewhere now.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when it has been started again.")] = False,
) -> None:
    """Have one process end in order and be started again: how a running product is upgraded."""
    from web.drain import drain as tell

    sys.exit(tell(_settings(data=data).data, process, moves=move, waits=wait))


def _settings(**given: Any) -> Any:
    from pydantic import ValidationError

    from web.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as fault:
        for error in fault.errors():
            typer.echo(f"{'.'.join(map(str, error['loc']))}: {error['msg']}", err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
