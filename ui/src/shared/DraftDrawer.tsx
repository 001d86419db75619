/** A form in a drawer: Save and Ctrl+S, the error above the fields, a question before typed work is lost, merge when stale. */
import { Button, Drawer, Group, Skeleton, Stack } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import type { FormEvent, ReactNode } from "react";
import type { AppError } from "../api";
import classes from "./DraftDrawer.module.css";
import type { DraftForm } from "./draftForm";
import { ErrorNote, ErrorState } from "./ErrorState";
import { useReturnFocus, useSaveKey } from "./formKeys";
import { useStaleMerge } from "./staleMerge";
import { useUnsavedGuard } from "./unsavedGuard";

type Props<D extends object> = {
  title: string;
  draft: DraftForm<D>;
  initial: D;
  load: () => Promise<D>;
  saveLabel?: string;
  onClose: () => void;
  children: ReactNode;
};

export function DraftDrawer<D extends object>({ title, draft, initial, load, saveLabel, onClose, children }: Props<D>) {
  const { t } = useLingui();
  const merge = useStaleMerge({ draft, initial, load });
  const guard = useUnsavedGuard(draft.form.isDirty() && !draft.saving);
  useSaveKey(draft, () => void draft.submit());
  useReturnFocus(draft, true);
  const close = () => void guard(onClose);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void draft.submit();
  };
  return (
    <Drawer opened onClose={close} title={title} returnFocus={false} classNames={{ body: classes.body ?? "", content: classes.content ?? "" }}>
      <form
        ref={draft.ref}
        className={classes.form}
        onSubmit={onSubmit}
        noValidate
      >
        <div className={classes.fields}>
          <Stack gap="sm">
            {draft.error && draft.error.code !== "stale" && <ErrorNote error={draft.error} />}
            {children}
          </Stack>
        </div>
        <Group className={classes.foot} justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t`Cancel`}
          </Button>
          <Button type="submit" loading={draft.saving}>
            {saveLabel ?? t`Save`}
          </Button>
        </Group>
      </form>
      {merge}
    </Drawer>
  );
}

/** The drawer while its record is being read, or could not be. */
export function DraftDrawerLoading({ title, error, onRetry, onClose }: { title: string; error: AppError | null; onRetry: () => void; onClose: () => void }) {
  return (
    <Drawer opened onClose={onClose} title={title}>
      {error ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : (
        <Stack gap="lg" aria-busy>
          {[0, 1, 2, 3, 4, 5].map((place) => (
            <Skeleton key={place} height={32} />
          ))}
        </Stack>
      )}
    </Drawer>
  );
}
