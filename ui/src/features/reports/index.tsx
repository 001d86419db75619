/** Reports: who owes what, and since when. */
export { ReportsPage as default } from "./ReportsPage";
