"""The command `dosewire qr`: begins a query/retrieve job over the REST interface, and follows it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from services.config_api.cli.client import ApiClient, client
from services.config_api.cli.qr_arguments import Arguments, InvalidArguments, read_arguments

EXIT_FAILED = 1
EXIT_PARTIAL = 3
EXIT_CANCELLED = 4
EXIT_OF_STATE = {
    "complete": 0,
    "review": 0,
    "partial": EXIT_PARTIAL,
    "failed": EXIT_FAILED,
    "cancelled": EXIT_CANCELLED,
}
WATCH_SECONDS = 0.5
MODALITIES = ("ct", "mg", "fl", "dx", "nm", "sr")


@click.command(epilog="Exit status: 0 all retrieved, 1 failed, 2 wrong arguments, 3 partial, 4 cancelled.")
@click.argument("qr_id")
@click.argument("store_id")
@click.option("-ct", is_flag=True, help="CT studies.")
@click.option("-mg", is_flag=True, help="Mammography.")
@click.option("-fl", is_flag=True, help="Fluoroscopy and angiography.")
@click.option("-dx", is_flag=True, help="Radiography: DX, CR and panoramic.")
@click.option("-nm", is_flag=True, help="Nuclear medicine and PET.")
@click.option("-sr", is_flag=True, help="Studies of structured reports only; not with another modality.")
@click.option("-f", "--dfrom", "date_from", metavar="DATE", help="First Study Date, yyyy-mm-dd.")
@click.option("-t", "--duntil", "date_until", metavar="DATE", help="Last Study Date, yyyy-mm-dd; without it today.")
@click.option("-sd", "--single_date", "single_date", metavar="DATE", help="One Study Date, yyyy-mm-dd.")
@click.option("-tf", "--tfrom", "time_from", metavar="TIME", help="First Study Time of the single date, hhmm.")
@click.option("-tt", "--tuntil", "time_until", metavar="TIME", help="Last Study Time of the single date, hhmm.")
@click.option("-e", "--desc_exclude", "description_exclude", metavar="TERMS", help="Study descriptions to leave out.")
@click.option("-i", "--desc_include", "description_include", metavar="TERMS", help="Study descriptions to keep.")
@click.option("-sne", "--stationname_exclude", "station_name_exclude", metavar="TERMS", help="Stations to leave out.")
@click.option("-sni", "--stationname_include", "station_name_include", metavar="TERMS", help="Stations to keep.")
@click.option(
    "--stationname_study_level", "station_name_at_study_level", is_flag=True, help="Compare the study's station name."
)
@click.option(
    "-toshiba", "--toshiba", "legacy_ct", is_flag=True, help="CT without a report: first images, secondary captures."
)
@click.option("-dup", "include_known", is_flag=True, help="Also objects that have been received before.")
@click.option("-emptysr", "empty_sr", is_flag=True, help="SR series that answer nothing at image level.")
@click.option("--dry-run", is_flag=True, help="Ask only, and show what would be retrieved.")
def qr(qr_id: str, store_id: str, **given: Any) -> None:
    """Query the remote node QR_ID, and retrieve the wanted objects to the store node STORE_ID.

    TERMS is a comma-separated list; any term counts, in any case. Both nodes go by id, name or AE title.
    """
    arguments = arguments_of(given)
    try:
        wanted = read_arguments(arguments, today=datetime.now(UTC).astimezone().date())
    except InvalidArguments as error:
        raise click.UsageError(str(error)) from None
    api = client()
    job = api.post("/qr-jobs", wanted.body(remote_node=node_reference(qr_id), store_node=node_reference(store_id)))
    click.echo(f"job {job['id']}: {job['remote_node']['name']} to {job['store_node']['name']}")
    job = watch(api, job)
    if arguments.dry_run and job["state"] == "review":
        print_plan(job)
        api.post(f"/qr-jobs/{job['id']}/cancel")
        return
    click.echo(f"{job['state']}: {job['detail']}")
    for study in job["studies"]:
        if study["state"] == "failed":
            click.echo(f"  {study['study_instance_uid']}: {study['reason']}")
    raise SystemExit(EXIT_OF_STATE[job["state"]])


def arguments_of(given: Mapping[str, Any]) -> Arguments:
    """Return the arguments that click has read, apart from the two nodes."""
    modalities = tuple(name.upper() for name in MODALITIES if given[name])
    rest = {name: value for name, value in given.items() if name not in {*MODALITIES, "qr_id", "store_id"}}
    return Arguments(modalities=modalities, **rest)


def node_reference(text: str) -> int | str:
    """Return the reference to a node: its id as a number; its name or AE title as text."""
    return int(text) if text.isascii() and text.isdigit() else text


def watch(api: ApiClient, job: dict[str, Any]) -> dict[str, Any]:
    """Show the progress of a job until it is over or waits for a review; return it. Ctrl-C cancels it."""
    shown = ""
    try:
        while job["state"] not in EXIT_OF_STATE:
            line = progress_line(job)
            if line != shown:
                click.echo(line)
                shown = line
            time.sleep(WATCH_SECONDS)
            job = api.get(f"/qr-jobs/{job['id']}")
    except KeyboardInterrupt:
        click.echo("cancelling ...")
        return api.post(f"/qr-jobs/{job['id']}/cancel")
    return job


def progress_line(job: dict[str, Any]) -> str:
    """Return the progress of a job in a line."""
    progress = job["progress"]
    over = progress["retrieved"] + progress["failed"] + progress["skipped"]
    parts = [f"{job['state']}: {progress['studies']} studies found"]
    if over:
        parts.append(f"{over} over ({progress['retrieved']} retrieved, {progress['skipped']} not needed)")
    if progress["failed"]:
        parts.append(f"{progress['failed']} failed")
    if progress["objects_completed"]:
        sent = progress["objects_completed"]
        parts.append(f"{sent} object{'' if sent == 1 else 's'}")
    if job["detail"]:
        parts.append(job["detail"])
    return ", ".join(parts)


def print_plan(job: dict[str, Any]) -> None:
    """Show the decision on each study, and its reason."""
    for study in job["studies"]:
        mark = "retrieve" if study["state"] == "chosen" else "leave   "
        what = f"{study['study_date'] or 'no date'}, {study['study_description'] or 'no description'}"
        click.echo(f"{mark} {study['study_instance_uid']} ({what}): {study['explanation'] or study['reason']}")
    chosen, not_needed = job["progress"]["open"], job["progress"]["skipped"]
    studies = f"{chosen} {'study' if chosen == 1 else 'studies'}"
    click.echo(f"{studies} chosen, {not_needed} not needed; nothing was retrieved")
