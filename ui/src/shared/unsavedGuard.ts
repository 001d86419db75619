/** Keeps typed work from being lost by leaving the page, closing the window or closing a drawer. */
import { useLingui } from "@lingui/react/macro";
import { useBlocker } from "@tanstack/react-router";
import { useCallback } from "react";
import { useConfirm } from "./confirm";

/** While `dirty`, asks before leaving. Returns the same question for closing a drawer or dialog. */
export function useUnsavedGuard(dirty: boolean): (leave: () => void) => Promise<void> {
  const confirm = useConfirm();
  const { t } = useLingui();
  const mayLeave = useCallback(
    async () =>
      !dirty ||
      (await confirm({
        title: t`Leave without saving?`,
        text: t`What you typed here has not been saved yet.`,
        confirmLabel: t`Leave without saving`,
        cancelLabel: t`Keep editing`,
        danger: true,
      })),
    [dirty, confirm, t],
  );
  useBlocker({
    // Search parameters and panels on the same page lose nothing.
    shouldBlockFn: async ({ current, next }) => current.pathname !== next.pathname && !(await mayLeave()),
    enableBeforeUnload: dirty,
    disabled: !dirty,
  });
  return useCallback(
    async (leave) => {
      if (await mayLeave()) leave();
    },
    [mayLeave],
  );
}
