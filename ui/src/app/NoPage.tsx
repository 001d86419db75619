/** Shown where a path leads nowhere. */
import { Button } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { EmptyState, useGo } from "../shared";

export function NoPage() {
  const { t } = useLingui();
  const go = useGo();
  return (
    <EmptyState
      title={t`There is no page here`}
      text={t`Choose one on the left, or press Ctrl+K to find a record.`}
      action={<Button variant="default" onClick={() => go("/customers")}>{t`Go to customers`}</Button>}
    />
  );
}
