/** Customers: list, details, form. */
export { CustomersPage as default } from "./CustomersPage";
