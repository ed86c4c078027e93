// Bills in the order in which they came, to be forgotten in that order.
import type { Bill } from './bill.ts';

export class BillQueue {
  /** What has been taken is held no longer. */
  #bills: (Bill | undefined)[] = [];
  #first = 0;

  add(bill: Bill): void {
    this.#bills.push(bill);
  }

  /** Those from the front that arrived before, ms, and are still kept. */
  takeBefore(arrival: number, take: (bill: Bill) => void): void {
    const bills = this.#bills;
    while (this.#first < bills.length && (bills[this.#first] as Bill).arrival < arrival) {
      const bill = bills[this.#first] as Bill;
      bills[this.#first++] = undefined;
      if (!bill.gone) take(bill);
    }
    if (this.#first === 0 || this.#first * 2 <= bills.length) return;
    this.#bills = bills.slice(this.#first);
    this.#first = 0;
  }
}
