/** An amount in tabular figures with a quiet currency symbol. */
import { clsx } from "clsx";
import type { MoneyView } from "../api";
import { isZero, moneyParts } from "./format";
import classes from "./Amount.module.css";

type Props = {
  value: MoneyView | null;
  /** Greys out a zero, so that a column shows what matters. */
  quietZero?: boolean;
  tone?: "problem" | "strong";
};

export function Amount({ value, quietZero = false, tone }: Props) {
  if (value === null) return <span className={classes.none}>–</span>;
  const quiet = quietZero && isZero(value);
  const parts = moneyParts(value);
  // What a narrow column may cut is read from the tooltip.
  const title = value.minor.length > 11 ? parts.map(({ text }) => text).join("") : undefined;
  return (
    <span className={clsx(classes.amount, quiet && classes.none, tone && classes[tone])} title={title}>
      {parts.map((part, index) => (
        // Parts of one amount have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={part.symbol ? classes.symbol : undefined}>
          {part.text}
        </span>
      ))}
    </span>
  );
}
