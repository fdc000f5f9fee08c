/** Path that every variant listens at. */
export const path = "/api/webhooks/incoming/github";
