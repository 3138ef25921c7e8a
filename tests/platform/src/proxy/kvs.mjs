/**
 * Storage over the wire: every command is a POST with a JSON body.
 */
export const kvs =
  (store) =>
  async ({ target, request }) => {
    const { status, body } = store.answer(target, await request.json());
    return body === undefined
      ? new Response(status === 204 ? null : '', { status })
      : Response.json(body, { status });
  };
