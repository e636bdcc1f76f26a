"""The clouds whose prices the public SkyPilot catalogue has, and which place of dkai's catalogue each one is."""

from __future__ import annotations

from dataclasses import dataclass

# SkyPilot's own constant for it (sky/catalog/constants.py); v8 is the schema described in the repository's README.
BASE_URL = "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud. `refreshed`: its file is made anew several times a day, so a price in it is as old as the reading.

    The README names AWS, GCP and Lambda; for RunPod, Vast and Verda the file's history shows it (hundreds of versions).
    The others are written by hand now and then: how old their prices are, nobody says.
    """

    id: str  # the folder's name there
    provider: str  # catalogue id
    name: str
    refreshed: bool


CLOUDS = (
    Cloud("aws", "aws", "Amazon Web Services", refreshed=True),
    Cloud("azure", "azure", "Microsoft Azure", refreshed=False),
    Cloud("gcp", "gcp", "Google Cloud", refreshed=True),
    Cloud("hyperstack", "hyperstack", "Hyperstack", refreshed=False),
    Cloud("lambda", "lambda-cloud", "Lambda Cloud", refreshed=True),
    Cloud("nebius", "nebius", "Nebius", refreshed=False),
    Cloud("runpod", "runpod", "RunPod", refreshed=True),
    Cloud("vast", "vast", "Vast.ai", refreshed=True),
    Cloud("verda", "verda", "Verda", refreshed=True),
)
