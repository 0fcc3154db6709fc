"""`make screenshots`: pictures of the main pages of a freshly started site, to be looked at.

They go to `screenshots/`, which git ignores, but for the one README shows. Beside that one stands a digest of the
page's words: `tests/browser/test_screenshot.py` fails when the page says something else by now.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
README_PICTURE = ROOT / "docs" / "queue.png"
README_DIGEST = ROOT / "docs" / "queue.png.words.sha256"
LOOKS = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
PAGES = {
    "queue": "/",
    "letters": "/letters/",
    "record-a-reply": "/replies/new/?letter=2023-0001&agency=treasury",
    "replies-to-read": "/replies/unread/",
    "what-they-said": "/replies/said/",
    "letter": "/letters/2023-0001/",
    "log-a-letter": "/letters/new/",
    "search": "/search/?q=alibaba",
    "agency": "/agencies/treasury/",
    "target": "/targets/alibaba-cloud/",
    "legislator": "/legislators/H000601/",
    "signatory": "/legislators/H000601/open/",
    "dashboard": "/dashboard/",
    "reply-records": "/reports/replies/",
    "brief": "/agencies/treasury/brief/",
    "reports": "/reports/",
    "reminders": "/reminders/",
    "inbox": "/inbox/",
    "mail": "/mail/",
    "import": "/import/",
    "gallery": "/gallery/",
    "api-docs": "/api/docs/",
}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def words_digest(html: str) -> str:
    """SHA-256 of the words of the queue with its header, without the figures and times that change with the day.

    Sorted: items of one due date stand in the order of their random keys.
    """
    shown = " ".join(re.findall(r"<header\b.*?</header>|<main\b.*?</main>", html, flags=re.S))
    # the strip says how the machine is at that moment, and the one of the tests has no worker
    shown = re.sub(r'<div class="strip\b.*?</div>', " ", shown, flags=re.S)
    # nor the choices of the filters: they name whoever has an account
    text = re.sub(r"<select\b.*?</select>|<[^>]+>", " ", shown, flags=re.S)
    words = sorted(re.sub(r"\d[\d,]* days?", "N days", text).split())
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


@contextmanager
def running_site() -> Iterator[tuple[str, str]]:
    """A site of its own on a free port: its address, and the password of its accounts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = Path(tempfile.mkdtemp(prefix="letters-pictures-"))
    data.chmod(0o711)  # root's PostgreSQL has to get in
    site = subprocess.Popen(
        [sys.executable, "manage.py", "run", "--stop-with-parent"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port), "TRACKER_DATA": str(data)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in site.stdout:
            if line.startswith("Ready"):
                break
        else:
            raise SystemExit("The site did not start; run `make run` to see why.")
        yield f"http://127.0.0.1:{port}", (data / "demo-password").read_text().strip()
    finally:
        site.send_signal(signal.SIGINT)
        site.wait(timeout=60)
        shutil.rmtree(data, ignore_errors=True)


def take(browser: Browser, address: str, password: str, folder: Path) -> None:
    """Every page in every look; the words of the queue are kept for README's picture."""
    for look, settings in LOOKS.items():
        page = browser.new_context(**settings).new_page()
        page.goto(address + "/accounts/login/")
        page.get_by_label("Username").fill("staff")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(address + "/")
        for name, path in PAGES.items():
            page.goto(address + path, wait_until="networkidle")
            # the whole API is taller than a picture may be
            page.screenshot(path=folder / f"{name}-{look}.png", full_page=name != "api-docs", timeout=120_000)
            if (name, look) == ("queue", "wide"):
                page.screenshot(path=README_PICTURE)
                README_DIGEST.write_text(words_digest(page.content()) + "\n")
        page.goto(address + "/")
        page.locator("[data-row] a[data-open]").first.click()
        page.screenshot(path=folder / f"item-{look}.png", full_page=True)
        page.get_by_role("link", name="done", exact=True).click()
        page.get_by_role("button", name="Save").wait_for()
        page.screenshot(path=folder / f"item-status-{look}.png", full_page=True)


def main() -> None:
    """Start a site, take the pictures, stop it."""
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    with running_site() as (address, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        take(browser, address, password, folder)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, README's in {README_PICTURE}")


if __name__ == "__main__":
    main()
