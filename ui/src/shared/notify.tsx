/** Short messages in the corner: done, done with undo, failed. */
import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { t } from "@lingui/core/macro";
import { i18n } from "@lingui/core";
import { errorWords, toAppError } from "../api";
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

/** Something needs the owner. */
export function notifyAttention(title: string, message: string): void {
  notifications.show({ color: "yellow", title, message, autoClose: 12_000, closeButtonProps: { "aria-label": t`Close` } });
}
