/** Shown where a path leads nowhere. */
import { Button } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { EmptyState, PageHeader, ScrollPage, useGo } from "../shared";

export function NoPage() {
  const { t } = useLingui();
  const go = useGo();
  return (
    <ScrollPage header={<PageHeader title={t`Not found`} />}>
      <EmptyState
        title={t`There is no page here`}
        text={t`Choose one on the left, or press Ctrl+K to find a record.`}
        action={<Button variant="default" onClick={() => go("/home")}>{t`Go home`}</Button>}
      />
    </ScrollPage>
  );
}
