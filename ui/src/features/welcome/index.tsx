/** First run: the three things that everything else stands on. */
export { Welcome as default } from "./Welcome";
