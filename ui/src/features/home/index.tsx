/** Home: how the business stands today, and the next steps of a new one. */
export { HomePage as default } from "./HomePage";
