/** An amount in tabular figures with a quiet currency symbol. */
import { Box } from "@mantine/core";
import { clsx } from "clsx";
import type { MoneyView, PriceView } from "../api";
import { isZero, moneyParts, priceParts } from "./format";
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
  return <Figures parts={moneyParts(value)} className={clsx(quiet && classes.none, tone && classes[tone])} />;
}

/** A unit price, with all its decimals. */
export function Price({ value, tone }: { value: PriceView | null; tone?: "strong" }) {
  if (value === null) return <span className={classes.none}>–</span>;
  return <Figures parts={priceParts(value)} className={tone ? classes[tone] : undefined} />;
}

type FiguresProps = { parts: { symbol: boolean; text: string }[]; className: string | undefined };

function Figures({ parts, className }: FiguresProps) {
  // A long amount is set smaller where its column is narrow: no figure of it is ever cut off.
  const whole = parts.map(({ text }) => text).join("");
  const long = whole.length > 11;
  return (
    <Box
      component="span"
      className={clsx(classes.amount, className, long && classes.long)}
      title={long ? whole : undefined}
      {...(long && { __vars: { "--signs": String(whole.length) } })}
    >
      {parts.map((part, index) => (
        // Parts of one amount have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={part.symbol ? classes.symbol : undefined}>
          {part.text}
        </span>
      ))}
    </Box>
  );
}
