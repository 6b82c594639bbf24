/** Header of requests that a test sends itself. The watch ignores them. */
export const TEST_REQUEST = { 'user-agent': 'a test' } as const;
