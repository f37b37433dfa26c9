// Draws the API's documentation from our own copy of Swagger UI.
"use strict";
window.SwaggerUIBundle({ url: "/api/v1/openapi.json", dom_id: "#api", deepLinking: true });
