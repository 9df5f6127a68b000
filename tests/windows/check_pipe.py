"""On Windows: one instance, which another process finds by its pipe and commands; a notification goes to the tray."""

import subprocess
import sys

assert sys.platform == "win32"

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.common.protocol import Command, CommandName, Reply, socket_address
from desktop.platform import remote
from desktop.platform.notifications import Notifier
from desktop.platform.single_instance import SingleInstance
from desktop.platform.taskbar import claim_taskbar

CLIENT = """
from desktop.common.protocol import Command, CommandName
from desktop.platform import remote
print(ascii(remote.send(Command(CommandName.READ, "ł"), 60).message))
"""

claim_taskbar()
application = QApplication([])
assert remote.send(Command(CommandName.STATUS)) is None
instance = SingleInstance()
assert instance.claim()
assert not SingleInstance().claim()
heard = []


def answer(command, reply):
    heard.append(command.text)
    reply(Reply(True, f"heard {command.text}"))


instance.command_received.connect(answer)
client = subprocess.Popen(
    [sys.executable, "-c", CLIENT], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="utf-8"
)
watch = QTimer(interval=100)
watch.timeout.connect(lambda: client.poll() is not None and application.quit())
watch.start()
QTimer.singleShot(90_000, application.quit)
application.exec()
watch.stop()
assert heard == ["ł"], ascii(heard)
assert client.communicate()[0].strip() == ascii("heard ł")
address = socket_address()
instance.release()
assert remote.send(Command(CommandName.STATUS)) is None
assert socket_address() == address

notifier, told = Notifier(), []
notifier.not_shown.connect(lambda title, words: (told.append((title, words)), application.quit()))
notifier.notify("Read", "It is done.")
QTimer.singleShot(60_000, application.quit)
application.exec()
assert told == [("Read", "It is done.")]
notifier.close()
print("check_pipe: well")
