/** Three lists, named in the path: payments, charges, payouts. `?new=1&customer=…&invoice=…` records a payment. */
import { Button } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconPlus } from "@tabler/icons-react";
import { PageHeader, useGo, useSearchParams, useSubPath, ViewTabs } from "../../shared";
import { ChargeList } from "./ChargeList";
import { PaymentForm } from "./PaymentForm";
import { PaymentList } from "./PaymentList";
import classes from "./payments.module.css";
import { PayoutList } from "./PayoutList";

const views = ["received", "charges", "payouts"] as const;

export function PaymentsPage() {
  const { t } = useLingui();
  const go = useGo();
  const path = useSubPath();
  const [params, setParams] = useSearchParams();
  const view = views.find((known) => known === path) ?? "received";
  const closeForm = () => setParams({ new: undefined, customer: undefined, invoice: undefined });
  return (
    <div className={classes.page}>
      <PageHeader
        title={t`Payments`}
        primary={
          <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setParams({ new: "1" })}>
            {t`Record a payment`}
          </Button>
        }
      />
      <ViewTabs
        label={t`Kinds of money records`}
        value={view}
        onChange={(next) => go(next === "received" ? "/payments" : `/payments/${next}`)}
        views={[
          { value: "received", label: t`Received` },
          { value: "charges", label: t`Stripe charges` },
          { value: "payouts", label: t`Stripe payouts` },
        ]}
      />
      <div className={classes.view} key={view}>
        {view === "received" && <PaymentList />}
        {view === "charges" && <ChargeList />}
        {view === "payouts" && <PayoutList />}
      </div>
      {params.new !== undefined && (
        <PaymentForm customerId={params.customer ?? null} invoiceId={params.invoice ?? null} onClose={closeForm} onSaved={(id) => setParams({ open: id, new: undefined, customer: undefined, invoice: undefined })} />
      )}
    </div>
  );
}
