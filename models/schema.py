"""Every table, imported once, so that the metadata is whole."""

from models import case, digest, job, organisation, people
from models.database import Base

TABLES = (organisation, people, case, job, digest)
metadata = Base.metadata
