"""Runs the Python snippets of the README as they stand, and checks the run files that they write.

usage: snippets.py CMO_METRICS
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def main():
    binary = str(Path(sys.argv[1]).resolve())
    snippets = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    writers = [snippet for snippet in snippets if "to_parquet" in snippet or "write_parquet" in snippet]
    if len(writers) < 2:
        sys.exit("the README shows how to write a run from pandas and from Polars")
    for snippet in writers:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "data").mkdir()
            subprocess.run([sys.executable, "-c", snippet], cwd=folder, check=True)
            subprocess.run([binary, "check", "data"], cwd=folder, check=True)
            subprocess.run([binary, "analyze", "data", "--quiet"], cwd=folder, check=True)
            readers = [other for other in snippets if "reports/" in other]
            for reader in readers if "pandas" in snippet else []:
                subprocess.run([sys.executable, "-c", reader], cwd=folder, check=True)
    print(f"{len(writers)} snippets of the README write valid runs")


if __name__ == "__main__":
    main()
