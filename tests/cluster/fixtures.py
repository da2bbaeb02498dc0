"""The pytest plugin of this package.

`apiserver`   an API server alone, for the session
`cluster`     the chosen cluster with Argo, for the session
`namespace`   the name of a new namespace with the executor's account, for one test
`kubectl`     kubectl in that namespace

When a test that has a namespace fails, its Workflows, events and pod logs go into the report.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from tests.cluster.apiserver import ApiServer, start_apiserver
from tests.cluster.choice import chosen, chosen_cluster
from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.namespaces import describe, temporary_namespace


def pytest_report_header() -> str:
    """Say which cluster tests of the `cluster` tier use."""
    return f"cluster: {chosen()} (RESYNC_TEST_CLUSTER, RESYNC_TEST_KUBECONFIG)"


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server with nothing behind it; its `restart()` breaks every watch."""
    server = start_apiserver(tmp_path_factory.mktemp("apiserver"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Coordinates]:
    """The chosen cluster, started if need be; what it says while starting is shown."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        with capture.global_and_fixture_disabled():
            directory = tmp_path_factory.mktemp("cluster")
            coordinates = stack.enter_context(chosen_cluster(directory))
        yield coordinates


@pytest.fixture
def namespace(cluster: Coordinates) -> Iterator[str]:
    """A namespace of this test's own."""
    with temporary_namespace(Kubectl(kubeconfig=cluster.kubeconfig)) as name:
        yield name


@pytest.fixture
def kubectl(cluster: Coordinates, namespace: str) -> Kubectl:
    """Kubectl in the test's namespace."""
    return Kubectl(kubeconfig=cluster.kubeconfig, namespace=namespace)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what is in the test's namespace to the report of a failure."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.failed and "namespace" in fixtures:
        kubeconfig = fixtures["cluster"].kubeconfig
        found = Kubectl(kubeconfig=kubeconfig, namespace=fixtures["namespace"])
        report.sections.append((f"namespace {found.namespace}", describe(found)))
    return report
