"""Plots of what was measured, as SVG for the documents: the same bytes for the same figures."""

import io
from collections.abc import Mapping, Sequence

Series = Mapping[str, Sequence[tuple[float, float]]]


def lines_svg(series: Series, *, title: str, x: str, y: str, log_x: bool = False, log_y: bool = False) -> str:
    """Return a plot of named lines of points; `x` and `y` are what is said at the axes."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only who draws pays

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "pisar"  # else ids are drawn by lot
    from matplotlib import pyplot as plt  # noqa: PLC0415 - see above

    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name, points in series.items():
        axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
    axes.set(title=title, xlabel=x, ylabel=y, xscale="log" if log_x else "linear", yscale="log" if log_y else "linear")
    if not log_y:
        axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n"
