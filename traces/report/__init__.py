"""One Comparison, many renderers: `text.render`, `as_json.render` and `page.render` (import the one you need)."""
