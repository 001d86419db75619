/** Receivables by age, from the due date, one row per customer. */
import { Skeleton, Table, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChartBar } from "@tabler/icons-react";
import { type AgingBuckets, useRead } from "../../api";
import { Amount, EmptyState, ErrorState, formatDay, isZero, PageHeader, RecordLink, ScrollPage } from "../../shared";
import classes from "./reports.module.css";

const buckets = ["current", "days_1_30", "days_31_60", "days_61_90", "days_91", "total"] as const satisfies (keyof AgingBuckets)[];

export function ReportsPage() {
  const { t } = useLingui();
  return (
    <ScrollPage header={<PageHeader title={t`Reports`} />}>
      <Aging />
    </ScrollPage>
  );
}

function Aging() {
  const { t } = useLingui();
  const report = useRead("agingReport", []);
  if (report.error) return <ErrorState error={report.error} onRetry={() => void report.refetch()} />;
  if (!report.data) return <Skeleton height={320} radius="md" />;
  const { rows, total, as_of: asOf } = report.data;
  const heads: Record<(typeof buckets)[number], string> = {
    current: t`Not due`,
    days_1_30: t`1–30 days`,
    days_31_60: t`31–60 days`,
    days_61_90: t`61–90 days`,
    days_91: t`Over 90 days`,
    total: t`Total`,
  };
  return (
    <section aria-labelledby="aging">
      <h2 id="aging" className={classes.title}>
        <Trans>Receivables by age</Trans>
      </h2>
      <Text size="sm" c="var(--br-text-muted)" mb="md">
        <Trans>As of {formatDay(asOf)}, counted from the due date.</Trans>
      </Text>
      {rows.length === 0 ? (
        <EmptyState icon={<IconChartBar size={24} />} title={t`Nobody owes you anything`} text={t`Open invoices appear here, sorted by how late they are.`} />
      ) : (
        <Table.ScrollContainer minWidth={640}>
          <Table className={classes.table ?? ""} verticalSpacing={6} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t`Customer`}</Table.Th>
                {buckets.map((bucket) => (
                  <Table.Th key={bucket} className={classes.amount}>
                    {heads[bucket]}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.customer_id}>
                  <Table.Td className={classes.customer} title={row.customer_name}>
                    <RecordLink kind="customer" id={row.customer_id}>
                      {row.customer_name}
                    </RecordLink>
                  </Table.Td>
                  <Amounts amounts={row.buckets} />
                </Table.Tr>
              ))}
            </Table.Tbody>
            <Table.Tfoot>
              <Table.Tr>
                <Table.Th>{t`Total`}</Table.Th>
                <Amounts amounts={total} />
              </Table.Tr>
            </Table.Tfoot>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  );
}

function Amounts({ amounts }: { amounts: AgingBuckets }) {
  return buckets.map((bucket) => (
    <Table.Td key={bucket} className={classes.amount}>
      <Amount value={isZero(amounts[bucket]) ? null : amounts[bucket]} {...(bucket === "total" && { tone: "strong" as const })} />
    </Table.Td>
  ));
}
