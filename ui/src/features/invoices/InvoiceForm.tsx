/** The invoice form. Ids, number and dates come from core when it opens; every amount on show is core's. */
import { ActionIcon, Button, Menu, Skeleton } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconArrowLeft, IconChevronDown } from "@tabler/icons-react";
import { type FormEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type InvoiceDraft, type InvoiceSource, useChange, useFetch, useRead } from "../../api";
import {
  ErrorNote,
  ErrorState,
  focusPanel,
  notifyDone,
  PageHeader,
  ScrollPage,
  useDraftForm,
  useGo,
  useSaveKey,
  useSearchParams,
  useStaleMerge,
  useUnsavedGuard,
} from "../../shared";
import { InvoiceFoot } from "./InvoiceFoot";
import { InvoiceHead } from "./InvoiceHead";
import { InvoiceLines } from "./InvoiceLines";
import classes from "./invoices.module.css";
import { forSaving } from "./lines";
import { useInvoicePreview } from "./useInvoicePreview";

/** `/invoices/new?customer=…`, `?order=…` or `?copy=…`. */
export function NewInvoice() {
  const [params] = useSearchParams();
  const source = useMemo<InvoiceSource>(() => {
    if (params.order !== undefined) return { type: "order", id: params.order };
    if (params.copy !== undefined) return { type: "copy", id: params.copy };
    return params.customer === undefined ? { type: "blank" } : { type: "customer", id: params.customer };
  }, [params.order, params.copy, params.customer]);
  const [round, setRound] = useState(0);
  return <FreshInvoice key={`${JSON.stringify(source)} ${round}`} source={round === 0 ? source : { type: "blank" }} onAnother={() => setRound(round + 1)} />;
}

function FreshInvoice({ source, onAnother }: { source: InvoiceSource; onAnother: () => void }) {
  const { t } = useLingui();
  const start = useRead("newInvoice", [source], { fresh: true });
  if (!start.data) return <Loading title={t`New invoice`} error={start.error} onRetry={() => void start.refetch()} />;
  return <InvoiceEditor initial={start.data} onAnother={onAnother} />;
}

export function EditInvoice({ id }: { id: string }) {
  const { t } = useLingui();
  const invoice = useRead("getInvoice", [id]);
  if (!invoice.data) return <Loading title={t`Edit invoice`} error={invoice.error} onRetry={() => void invoice.refetch()} />;
  return <InvoiceEditor initial={invoice.data.draft} />;
}

type LoadingProps = { title: string; error: ReturnType<typeof useRead<"getInvoice">>["error"]; onRetry: () => void };

function Loading({ title, error, onRetry }: LoadingProps) {
  return (
    <ScrollPage header={<PageHeader title={title} />}>
      {error ? <ErrorState error={error} onRetry={onRetry} /> : <Skeleton height={420} radius="md" />}
    </ScrollPage>
  );
}

function InvoiceEditor({ initial: loaded, onAnother }: { initial: InvoiceDraft; onAnother?: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  // A sync may change the invoice while it is being edited; the form keeps what it started with and merges on saving.
  const [initial] = useState(loaded);
  const change = useChange("saveInvoice");
  const fetch = useFetch();
  const next = useRef<{ after: "show" | "another"; asDraft: boolean }>({ after: "show", asDraft: false });
  const saved = useRef(false);
  const draft = useDraftForm(initial, async (typed) => {
    const view = await change.mutateAsync([forSaving(typed, initial, next.current.asDraft)]);
    saved.current = true;
    notifyDone(view.status === "draft" ? t`Draft saved` : t`Invoice ${view.draft.number} saved`);
    if (next.current.after === "another" && onAnother) onAnother();
    else {
      focusPanel();
      go("/invoices", { open: view.draft.id });
    }
  });
  const load = useCallback(async () => (await fetch("getInvoice", initial.id)).draft, [fetch, initial.id]);
  const merge = useStaleMerge({ draft, initial, load });
  const { form } = draft;
  const guard = useUnsavedGuard(form.isDirty() && !draft.saving && !saved.current);
  const preview = useInvoicePreview(form.values);
  const save = (after: "show" | "another", asDraft: boolean) => {
    next.current = { after, asDraft };
    void draft.submit();
  };
  const isDraft = initial.version === null || initial.as_draft;
  useSaveKey(draft, () => save("show", false));
  // One starts with the customer, or with the lines when the customer is known.
  const [start] = useState(initial.customer_id === null || initial.version !== null ? "customer_id" : "lines.0.item_id");
  useEffect(() => {
    draft.ref.current?.querySelector<HTMLElement>(`[data-path="${start}"]`)?.focus();
  }, [draft.ref, start]);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save("show", false);
  };
  return (
    <ScrollPage
      header={
        <PageHeader
          title={initial.version === null ? t`New invoice` : initial.number === "" ? t`Edit draft` : t`Edit invoice ${initial.number}`}
          back={
            <ActionIcon variant="subtle" color="gray" aria-label={t`Back to the invoices`} onClick={() => void guard(() => go("/invoices"))}>
              <IconArrowLeft size={16} />
            </ActionIcon>
          }
          actions={
            <>
              {isDraft && <Button variant="default" disabled={draft.saving} onClick={() => save("show", true)}>{t`Save as draft`}</Button>}
              {onAnother && <MoreActions onAnother={() => save("another", false)} />}
            </>
          }
          primary={<Button loading={draft.saving} onClick={() => save("show", false)}>{t`Save`}</Button>}
        />
      }
    >
      <form ref={draft.ref} className={classes.form} onSubmit={onSubmit} noValidate>
        {draft.error && draft.error.code !== "stale" && <ErrorNote error={draft.error} />}
        <InvoiceHead form={form} dueOn={preview.data?.due_on ?? ""} />
        <InvoiceLines form={form} preview={preview.data ?? null} />
        <InvoiceFoot form={form} preview={preview.data ?? null} />
      </form>
      {merge}
    </ScrollPage>
  );
}

function MoreActions({ onAnother }: { onAnother: () => void }) {
  const { t } = useLingui();
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>{t`More`}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onAnother}>{t`Save and new`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
