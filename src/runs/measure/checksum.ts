/** Adds up values without regard to their order; equal sums mean equal values, as far as 64 bits can tell. */
export interface Checksum {
  add(text: string): void;
  /** How many values were added. */
  readonly count: number;
  /** 16 hex digits. */
  readonly digits: string;
}

/** A sum of two 32-bit hashes per value, each in the manner of FNV-1a over UTF-16 units, then mixed. */
export function createChecksum(): Checksum {
  let count = 0;
  let first = 0;
  let second = 0;
  return {
    add: (text) => {
      let a = 0x811c9dc5;
      let b = 0x9747b28c;
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        a = Math.imul(a ^ unit, 0x01000193);
        b = Math.imul(b ^ unit, 0x5bd1e995);
      }
      count += 1;
      // Mixed, so that values which differ in their last letter alone do not cancel out in a sum.
      first = (first + mixed(a ^ text.length)) | 0;
      second = (second + mixed(b)) | 0;
    },
    get count() {
      return count;
    },
    get digits() {
      return hex(first) + hex(second);
    },
  };
}

function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}

const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
