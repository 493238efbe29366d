import { dayOf } from "../../usage/day.ts";
import { currentCards, type RateCard } from "../../usage/rate-card.ts";

/** The rate cards in force, one per provider. */
export function rateCards(now: number): RateCard[] {
  return currentCards(dayOf(now));
}
