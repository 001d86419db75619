/** Voids invoices after asking: a void keeps its number and can't be taken back. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import { useChange } from "../../api";
import { notifyDone, notifyError, useConfirm } from "../../shared";

export function useVoidInvoices(): (ids: string[]) => Promise<boolean> {
  const { t } = useLingui();
  const confirm = useConfirm();
  const { mutateAsync } = useChange("voidInvoices");
  return useCallback(
    async (ids) => {
      const count = ids.length;
      const sure = await confirm({
        title: plural(count, { one: "Void this invoice?", other: "Void # invoices?" }),
        text: plural(count, {
          one: "Its number stays used and its amount becomes zero, here and at QuickBooks. A draft is removed. This can't be undone.",
          other: "Their numbers stay used and their amounts become zero, here and at QuickBooks. Drafts are removed. This can't be undone.",
        }),
        confirmLabel: t`Void`,
        danger: true,
      });
      if (!sure) return false;
      try {
        await mutateAsync([ids]);
      } catch (cause) {
        notifyError(cause);
        return false;
      }
      notifyDone(plural(count, { one: "# invoice voided", other: "# invoices voided" }));
      return true;
    },
    [confirm, mutateAsync, t],
  );
}
