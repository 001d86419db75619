/** Figures that lead to their lists; below them what is still to set up, until there is nothing left of it. */
import { Button, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconCircle, IconCircleCheck, IconFileInvoice } from "@tabler/icons-react";
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { type HomeSummary, type MoneyView, useRead } from "../../api";
import { Amount, ErrorState, formatDay, formatMoney, isZero, PageHeader, ScrollPage, useGo } from "../../shared";
import classes from "./home.module.css";
import { HomeLists } from "./HomeLists";

export function HomePage() {
  const { t } = useLingui();
  const go = useGo();
  const status = useRead("appStatus", []);
  const home = useRead("homeSummary", []);
  const company = status.data?.company?.name ?? "";
  const header = (
    <PageHeader
      title={company === "" ? t`Home` : company}
      primary={
        <Button leftSection={<IconFileInvoice size={14} aria-hidden />} onClick={() => go("/invoices/new")}>
          {t`New invoice`}
        </Button>
      }
    />
  );
  if (home.error) {
    return (
      <ScrollPage header={header}>
        <ErrorState error={home.error} onRetry={() => void home.refetch()} />
      </ScrollPage>
    );
  }
  return (
    <ScrollPage header={header}>
      <Text size="sm" c="var(--br-text-muted)" mb="md">
        {formatDay(status.data?.today ?? null)}
      </Text>
      {home.data ? <Figures home={home.data} /> : <Skeleton height={104} radius="md" />}
      {home.data && <FirstSteps home={home.data} />}
      {home.data && (home.data.has_invoices || home.data.open_order_count > 0) && <HomeLists />}
    </ScrollPage>
  );
}

// Longer ones are set smaller rather than cut.
const isLong = (amount: MoneyView) => formatMoney(amount).length > 13;

function Figures({ home }: { home: HomeSummary }) {
  const { t } = useLingui();
  const go = useGo();
  return (
    <div className={classes.figures}>
      <Figure label={t`Owed to you`} long={isLong(home.receivable)} onOpen={() => go("/invoices", { filter: "open" })}>
        <Amount value={home.receivable} />
      </Figure>
      <Figure
        label={t`Overdue`}
        long={isLong(home.overdue)}
        note={home.overdue_count > 0 ? <Plural value={home.overdue_count} one="# invoice" other="# invoices" /> : t`Nothing is late`}
        onOpen={() => go("/invoices", { filter: "overdue" })}
      >
        <Amount value={home.overdue} {...(!isZero(home.overdue) && { tone: "problem" as const })} />
      </Figure>
      <Figure label={t`Received, 30 days`} long={isLong(home.received_30_days)} onOpen={() => go("/payments")}>
        <Amount value={home.received_30_days} />
      </Figure>
      <Figure label={t`Orders to ship`} onOpen={() => go("/orders", { filter: "open" })}>
        {home.open_order_count}
      </Figure>
      <Figure label={t`Low on stock`} onOpen={() => go("/inventory", { filter: "low" })}>
        {home.low_stock_count}
      </Figure>
    </div>
  );
}

type FigureProps = { label: string; note?: ReactNode; long?: boolean; onOpen: () => void; children: ReactNode };

function Figure({ label, note, long = false, onOpen, children }: FigureProps) {
  return (
    <UnstyledButton className={classes.figure} onClick={onOpen}>
      <span className={classes.label}>{label}</span>
      <span className={clsx(classes.value, long && classes.long)}>{children}</span>
      <span className={classes.note}>{note}</span>
    </UnstyledButton>
  );
}

/** What a new company does first. Gone once all of it is done. */
function FirstSteps({ home }: { home: HomeSummary }) {
  const { t } = useLingui();
  const go = useGo();
  const steps = [
    { done: home.has_customers, label: t`Add your first customer`, path: "/customers", search: { new: "1" } },
    { done: home.has_items, label: t`Add what you sell`, path: "/inventory", search: { new: "1" } },
    { done: home.has_invoices, label: t`Write an invoice`, path: "/invoices/new", search: {} },
    { done: home.has_connections, label: t`Connect QuickBooks, ShipStation or Stripe`, path: "/settings/connections", search: {} },
  ];
  if (steps.every((step) => step.done)) return null;
  return (
    <section className={classes.steps} aria-labelledby="first-steps">
      <h2 id="first-steps" className={classes.stepsTitle}>
        <Trans>First steps</Trans>
      </h2>
      <Text size="sm" c="var(--br-text-muted)" mb="xs">
        <Trans>All of it works without a network. Connect accounts whenever you like.</Trans>
      </Text>
      {steps.map((step) => (
        <UnstyledButton key={step.path} className={classes.step} disabled={step.done} onClick={() => go(step.path, step.search)}>
          {step.done ? <IconCircleCheck size={18} className={classes.done} aria-label={t`Done`} /> : <IconCircle size={18} className={classes.open} aria-hidden />}
          <span className={step.done ? classes.doneText : undefined}>{step.label}</span>
        </UnstyledButton>
      ))}
    </section>
  );
}
