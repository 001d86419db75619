/** Short messages in the corner: done, done with undo, failed. */
import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { t } from "@lingui/core/macro";
import { i18n } from "@lingui/core";
import { useEffect } from "react";
import { type AttentionPlace, errorWords, toAppError } from "../api";
import { sentence } from "./format";
import { newId } from "./ids";

/** Something was done. With `undo` it can be taken back while the message stands. */
export function notifyDone(message: string, undo?: () => Promise<unknown>): void {
  const id = newId();
  const takeBack = () => {
    notifications.hide(id);
    undo?.().catch(notifyError);
  };
  notifications.show({
    id,
    message: undo ? (
      <>
        {message}{" "}
        <Anchor component="button" type="button" fz="sm" fw={600} onClick={takeBack}>
          {t`Undo`}
        </Anchor>
      </>
    ) : (
      message
    ),
    autoClose: undo ? 10_000 : 4000,
    closeButtonProps: { "aria-label": t`Close` },
  });
}

/** Something failed: what happened and what was kept. */
export function notifyError(cause: unknown): void {
  const error = toAppError(cause);
  const words = errorWords[error.code];
  notifications.show({
    color: "red",
    title: i18n._(words.title),
    message: [sentence(error.message), error.hint === "" ? i18n._(words.text) : error.hint].join(" "),
    autoClose: 12_000,
    closeButtonProps: { "aria-label": t`Close` },
  });
}

const places: Record<AttentionPlace, string> = { preview: "/sync/preview", problems: "/sync/problems", audit: "/sync/audit", data: "/settings/data" };
const calls = new Map<string, AttentionPlace>();
let lookedAt: AttentionPlace | null = null;

/** Something needs the owner, unless the owner is looking at the very place where it stands. */
export function notifyAttention(title: string, message: string, place: AttentionPlace): void {
  if (lookedAt === place) return;
  const id = newId();
  calls.set(id, place);
  const look = () => {
    notifications.hide(id);
    // Messages stand outside the pages, so the way there is the address itself.
    window.location.hash = places[place];
  };
  notifications.show({
    id,
    color: "yellow",
    title,
    message: (
      <>
        {message}{" "}
        <Anchor component="button" type="button" fz="sm" fw={600} onClick={look}>
          {t`Show`}
        </Anchor>
      </>
    ),
    autoClose: 12_000,
    onClose: () => calls.delete(id),
    closeButtonProps: { "aria-label": t`Close` },
  });
}

function hideCalls(place: AttentionPlace): void {
  for (const [id, about] of calls) if (about === place) notifications.hide(id);
}

/** What calls the owner to this place has done so, and no more of it comes while the owner is there. */
export function useLookedAt(place: AttentionPlace | null): void {
  useEffect(() => {
    lookedAt = place;
    if (place !== null) hideCalls(place);
    return () => {
      lookedAt = null;
    };
  }, [place]);
}

/** As soon as nothing at this place waits any more, wherever it was decided, nobody is called there. */
export function useSettled(place: AttentionPlace, waits: boolean): void {
  // Only what waited can be settled: a call may come before the read that shows what it is about.
  useEffect(() => (waits ? () => hideCalls(place) : undefined), [place, waits]);
}
