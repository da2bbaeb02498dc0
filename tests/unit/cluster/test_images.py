"""The images that containerd has are read from its table by the column titles."""

import pytest

from tests.cluster.images import read_images

DIGEST = f"sha256:{'a' * 64}"
TITLES = "REF                  TYPE                        DIGEST     SIZE    PLATFORMS   LABELS"
ROW = f"resync.local/step:1  application/vnd.oci.image.manifest.v1+json {DIGEST} 1.2 MiB linux/amd64 -"


@pytest.mark.parametrize(
    "listing",
    [
        f"{TITLES}\n{ROW}\n",
        f'time="2026-01-01T00:00:00Z" level=warning msg="busy"\n{TITLES}\n{ROW}\n\n',
        f"{TITLES}\ntime=now level=warning\n{ROW}\nlevel=error msg=x y z\n",
    ],
    ids=["plain", "a warning before", "warnings between and after"],
)
def test_an_image_is_found_whatever_else_is_printed(listing: str) -> None:
    assert read_images(listing) == {"resync.local/step:1": DIGEST}


@pytest.mark.parametrize("listing", ["", f"{TITLES}\n", "level=warning\n"])
def test_without_a_row_there_is_no_image(listing: str) -> None:
    assert read_images(listing) == {}
