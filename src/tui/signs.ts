import { createContext, useContext } from 'react';
import { unicodeSigns, type Signs } from '../lib/signs.ts';

/** The signs that this terminal can draw; the app sets them once with `signsFor`. */
export const SignsContext = createContext<Signs>(unicodeSigns);

export function useSigns(): Signs {
  return useContext(SignsContext);
}
