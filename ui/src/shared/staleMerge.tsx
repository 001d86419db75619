/**
 * Saving over a newer version: when a save comes back as `stale`, the version saved since is read and shown beside the
 * typed one. Draw `dialog` somewhere in the form.
 */
import { type ReactNode, useEffect, useState } from "react";
import { toAppError } from "../api";
import type { DraftForm } from "./draftForm";
import { notifyError } from "./notify";
import { StaleDialog } from "./StaleDialog";

type Options<D extends object> = {
  draft: DraftForm<D>;
  /** What the form started with. */
  initial: D;
  /** Reads the version saved now; not needed where only new records are made. */
  load: () => Promise<D>;
};

export function useStaleMerge<D extends object>({ draft, initial, load }: Options<D>): ReactNode {
  const { form, error, clearError, submit } = draft;
  const [base, setBase] = useState(initial);
  const [theirs, setTheirs] = useState<D | null>(null);
  const stale = error?.code === "stale";
  useEffect(() => {
    if (!stale) return;
    let current = true;
    load().then(
      (saved) => current && setTheirs(saved),
      (cause) => {
        if (!current) return;
        clearError();
        notifyError(toAppError(cause));
      },
    );
    return () => {
      current = false;
      setTheirs(null);
    };
  }, [stale, load, clearError]);
  if (!stale || theirs === null) return null;
  const put = (values: D, saved: D) => {
    setBase(saved);
    form.setValues(values);
    form.resetDirty(saved);
    clearError();
  };
  return (
    <StaleDialog
      base={base}
      mine={form.getValues()}
      theirs={theirs}
      onClose={clearError}
      onTakeTheirs={(saved) => put(saved, saved)}
      onKeepMine={(merged) => {
        put(merged, theirs);
        void submit();
      }}
    />
  );
}
