/** Orders: the list with its panel, and the form in a drawer. */
export { OrdersPage as default } from "./OrdersPage";
