/** Voids invoices and removes drafts after asking: a void keeps its number, and neither can be taken back. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import { type InvoiceStatus, useChange } from "../../api";
import { notifyDone, notifyError, useConfirm } from "../../shared";

type Chosen = { id: string; status: InvoiceStatus };

export function useVoidInvoices(): (invoices: Chosen[]) => Promise<boolean> {
  const { t } = useLingui();
  const confirm = useConfirm();
  const { mutateAsync } = useChange("voidInvoices");
  return useCallback(
    async (invoices) => {
      const drafts = invoices.filter(({ status }) => status === "draft").length;
      const voids = invoices.length - drafts;
      const onlyDrafts = voids === 0;
      const voided = plural(voids, {
        one: "Its number stays used and its amount becomes zero, here and at QuickBooks.",
        other: "Their numbers stay used and their amounts become zero, here and at QuickBooks.",
      });
      const removed = plural(drafts, { one: "# draft is removed.", other: "# drafts are removed." });
      const sure = await confirm({
        title: onlyDrafts
          ? plural(drafts, { one: "Remove this draft?", other: "Remove # drafts?" })
          : plural(voids, { one: "Void this invoice?", other: "Void # invoices?" }),
        text: [!onlyDrafts && voided, !onlyDrafts && drafts > 0 && removed, t`This can't be undone.`].filter(Boolean).join(" "),
        confirmLabel: onlyDrafts ? t`Remove` : t`Void`,
        danger: true,
      });
      if (!sure) return false;
      try {
        await mutateAsync([invoices.map(({ id }) => id)]);
      } catch (cause) {
        notifyError(cause);
        return false;
      }
      notifyDone(
        onlyDrafts
          ? plural(drafts, { one: "# draft removed", other: "# drafts removed" })
          : plural(voids, { one: "# invoice voided", other: "# invoices voided" }),
      );
      return true;
    },
    [confirm, mutateAsync, t],
  );
}
