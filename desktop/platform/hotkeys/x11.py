"""Binds hotkeys on X11 by passive grabs on the root window, over an X connection of their own.

Other programs see nothing of a grabbed key and notice nothing of us; no key but the bound ones is ever looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier
from Xlib import XK, X, display
from Xlib.error import BadAccess, CatchError, ConnectionClosedError

from desktop.platform.hotkeys.harm import parse_hotkey
from desktop.platform.hotkeys.keys import Keys, KeysError, Modifier
from desktop.platform.hotkeys.protocol import Action, Binding, Hotkeys

Grab = tuple[int, int]
"""(keycode, modifier mask without locks)"""

_MODIFIER_KEYSYMS = {
    Modifier.ALT: ("Alt_L", "Alt_R", "Meta_L"),
    Modifier.META: ("Super_L", "Super_R"),
}
_USUAL_MASKS = {Modifier.ALT: X.Mod1Mask, Modifier.META: X.Mod4Mask}


class X11Hotkeys(Hotkeys):
    """Grabs keys on the root window. Raises Xlib's `DisplayError` when the X server cannot be reached."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._display = display.Display()
        self._root = self._display.screen().root
        self._keys: dict[Action, str] = {}
        self._bindings: dict[Action, Binding] = {}
        self._actions: dict[Grab, Action] = {}
        self._modifier_mask = 0  # of all modifiers that tell keys apart
        self._locks: list[int] = []  # the mask of each combination of locks
        self._released: tuple[int, int] = (0, 0)  # (keycode, server time) of the last release
        self._notifier = QSocketNotifier(self._display.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read_events)

    def bind(self, keys: Mapping[Action, str]) -> None:
        self._keys = dict(keys)
        if not self._notifier.isEnabled():
            return  # the X server is gone, which was shown, or everything is closed
        self._bindings = self._grab_all()
        self.bound.emit(dict(self._bindings))
        self._read_events()  # the answers to our requests may have brought events with them

    def let_go(self) -> bool:
        if not self._notifier.isEnabled():
            return False
        self._root.ungrab_key(X.AnyKey, X.AnyModifier)
        self._display.flush()
        self._keys, self._bindings, self._actions = {}, {}, {}
        return True

    def close(self) -> None:
        if self._notifier.isEnabled():
            self._notifier.setEnabled(False)
            self._display.close()  # the server lets go of a client's grabs

    # -- grabbing

    def _grab_all(self) -> dict[Action, Binding]:
        self._root.ungrab_key(X.AnyKey, X.AnyModifier)
        self._actions = {}
        masks, self._locks = self._modifier_masks()
        self._modifier_mask = reduce(or_, masks.values())
        errors: dict[Grab, CatchError] = {}
        wanted: dict[Action, tuple[Keys, list[Grab]]] = {}
        bindings: dict[Action, Binding] = {}
        for action, text in self._keys.items():
            if not text:
                bindings[action] = Binding("")
                continue
            try:
                keys = parse_hotkey(text)
            except KeysError as problem:
                bindings[action] = Binding(text, str(problem))
                continue
            grabs = list(self._grabs_of(keys, masks))
            twin = next((self._actions[grab] for grab in grabs if grab in self._actions), None)
            if not grabs:
                bindings[action] = Binding(text, f"This keyboard has no key {keys.name}. Choose another in Settings.")
            elif twin is not None:
                bindings[action] = Binding(text, f"{keys} is bound twice in Lectern. Choose another in Settings.")
            else:
                wanted[action] = (keys, grabs)
                for grab in grabs:
                    self._actions[grab] = action
                    errors[grab] = self._grab(grab)
        self._display.sync()
        for action, (keys, grabs) in wanted.items():
            bindings[action] = self._settle(keys, [grab for grab in grabs if errors[grab].get_error()], grabs)
        return {action: bindings[action] for action in self._keys}

    def _settle(self, keys: Keys, refused: list[Grab], grabs: list[Grab]) -> Binding:
        """A key is ours with every lock or not at all."""
        if not refused:
            return Binding(str(keys))
        for keycode, mask in grabs:
            del self._actions[keycode, mask]
            for lock in self._locks:
                self._root.ungrab_key(keycode, mask | lock)
        self._display.flush()
        return Binding(str(keys), f"{keys} is taken by another program. Choose another in Settings.")

    def _grab(self, grab: Grab) -> CatchError:
        """Ask for the key with each combination of locks; the refusals are known after the next round trip."""
        refusals = CatchError(BadAccess)
        keycode, mask = grab
        for lock in self._locks:
            self._root.grab_key(keycode, mask | lock, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refusals)
        return refusals

    def _grabs_of(self, keys: Keys, masks: dict[Modifier, int]) -> Iterator[Grab]:
        """Every key that gives the sign at its lowest level; one with Shift where that is how it is typed."""
        places = sorted((index, code) for code, index in self._display.keysym_to_keycodes(keys.keysym))
        for index, keycode in places:
            if index != places[0][0]:
                break
            mask = X.ShiftMask if index % 2 == 1 and not keys.name.startswith("Num+") else 0
            for modifier in keys.modifiers:
                mask |= masks[modifier]
            yield keycode, mask

    def _modifier_masks(self) -> tuple[dict[Modifier, int], list[int]]:
        """The mask of each modifier, and of each combination of locks, as this keyboard has them."""
        rows = self._display.get_modifier_mapping()  # 8 rows of keycodes: Shift, Lock, Control, Mod1 to Mod5

        def mask_of(*keysym_names: str) -> int:
            codes = {self._display.keysym_to_keycode(XK.string_to_keysym(name)) for name in keysym_names} - {0}
            return next((1 << row for row in range(3, 8) if codes & set(rows[row])), 0)

        masks = {Modifier.CTRL: X.ControlMask, Modifier.SHIFT: X.ShiftMask}
        for modifier, names in _MODIFIER_KEYSYMS.items():
            masks[modifier] = mask_of(*names) or _USUAL_MASKS[modifier]
        single = {X.LockMask, mask_of("Num_Lock"), mask_of("Scroll_Lock")} - {0}
        single -= set(masks.values())
        locks = [sum(chosen) for n in range(len(single) + 1) for chosen in combinations(sorted(single), n)]
        return masks, locks

    # -- events

    def _read_events(self) -> None:
        is_remapped = False
        try:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.KeyPress:
                    self._key_pressed(event)
                elif event.type == X.KeyRelease:
                    self._released = (event.detail, event.time)
                elif event.type == X.MappingNotify:
                    self._display.refresh_keyboard_mapping(event)
                    is_remapped = is_remapped or event.request != X.MappingPointer
                if not self._notifier.isEnabled():  # a press made somebody close us
                    return
        except ConnectionClosedError:
            self._notifier.setEnabled(False)
            problem = "The X server is gone."
            self.bound.emit({action: Binding(text, problem if text else "") for action, text in self._keys.items()})
            return
        if is_remapped:
            self._grab_anew()

    def _grab_anew(self) -> None:
        """The keyboard's layout has changed, and with it which key is meant."""
        bindings = self._grab_all()
        if bindings != self._bindings:
            self._bindings = bindings
            self.bound.emit(dict(bindings))
        self._read_events()

    def _key_pressed(self, event: Any) -> None:
        """Auto-repeat is a release and a press of one key at one time, to the millisecond of the server's clock."""
        is_repeat = self._released == (event.detail, event.time)
        action = self._actions.get((event.detail, event.state & self._modifier_mask))
        if action is not None and not is_repeat:
            self.pressed.emit(action)
