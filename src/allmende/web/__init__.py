"""What every page shares: templates, words for states and times, assets, response headers, problem responses.

Knows nothing of subjects and reports; the verticals' `pages` bring the values that are shown.
"""
