/** What the API answers: a status, and its envelope. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answer(result: unknown, info?: Readonly<Record<string, unknown>>): ApiAnswer {
  const body = { result, success: true, errors: [], messages: [], ...(info ? { result_info: info } : {}) };
  return { status: 200, body };
}

export function refusal(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  const body = { result: null, success: false, errors: [{ code, message }], messages: [] };
  return { status, body, headers };
}
