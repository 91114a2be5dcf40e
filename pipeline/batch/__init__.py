"""Whole libraries: cleans many documents so that nothing is lost or done twice, whatever happens."""

from pipeline.batch.cited import Cited, cite_all
from pipeline.batch.events import Event, Opened, Outcome, PageRead, Refused, Started
from pipeline.batch.ledger import PageEntry
from pipeline.batch.plan import WHY
from pipeline.batch.progress import SHOWN, Progress, Tally, bar_of
from pipeline.batch.request import Plan, Request
from pipeline.batch.run import clean_all
from pipeline.batch.status import status_json, status_of, status_text, would_do

__all__ = [
    "SHOWN",
    "WHY",
    "Cited",
    "Event",
    "Opened",
    "Outcome",
    "PageEntry",
    "PageRead",
    "Plan",
    "Progress",
    "Refused",
    "Request",
    "Started",
    "Tally",
    "bar_of",
    "cite_all",
    "clean_all",
    "status_json",
    "status_of",
    "status_text",
    "would_do",
]
