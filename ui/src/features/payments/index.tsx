/** Payments received, and Stripe's charges and payouts with their proof. */
export { PaymentsPage as default } from "./PaymentsPage";
