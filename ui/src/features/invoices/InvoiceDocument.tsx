/** Lines and totals of a saved invoice, as on paper. */
import { useLingui } from "@lingui/react/macro";
import type { InvoiceView } from "../../api";
import { Amount, formatQuantity, isZero, Price } from "../../shared";
import classes from "./invoices.module.css";

export function InvoiceDocument({ view }: { view: InvoiceView }) {
  const { t } = useLingui();
  const { draft, totals } = view;
  return (
    <>
      <ul className={classes.documentLines}>
        {draft.lines.map((line, index) => (
          <li key={line.id} className={classes.documentLine}>
            <span className={classes.documentText}>{line.description || t`(no description)`}</span>
            <span className={classes.muted}>
              {formatQuantity(line.quantity)} × <Price value={{ decimal: line.unit_price, currency: totals.total.currency }} />
              {line.discount !== "" && ` − ${line.discount}`}
            </span>
            <Amount value={totals.line_amounts[index] ?? null} />
          </li>
        ))}
      </ul>
      <dl className={classes.totals}>
        <Total label={t`Subtotal`} value={totals.subtotal} />
        {!isZero(totals.discount) && <Total label={t`Discount`} value={totals.discount} minus />}
        {!isZero(totals.shipping) && <Total label={t`Shipping`} value={totals.shipping} />}
        {totals.taxes.map((tax) => (
          <Total key={tax.name} label={`${tax.name} ${tax.percent} %`} value={tax.amount} />
        ))}
        <Total label={t`Total`} value={totals.total} strong />
        {!isZero(view.deposit) && <Total label={t`Deposit`} value={view.deposit} minus />}
        {!isZero(view.paid) && <Total label={t`Paid`} value={view.paid} minus />}
        {view.status !== "draft" && <Total label={t`Open`} value={view.balance} strong />}
      </dl>
    </>
  );
}

type TotalProps = { label: string; value: InvoiceView["paid"]; minus?: boolean; strong?: boolean };

/** A line of the totals. */
export function Total({ label, value, minus = false, strong = false }: TotalProps) {
  return (
    <div className={strong ? classes.totalStrong : classes.total}>
      <dt>{label}</dt>
      <dd>
        {minus && "− "}
        <Amount value={value} {...(strong && { tone: "strong" as const })} />
      </dd>
    </div>
  );
}
