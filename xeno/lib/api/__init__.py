"""What every API endpoint shares, whichever app it belongs to."""

# What a 401 asks for. It stands here because modules that DRF's settings name cannot import
# anything that imports DRF's views.
CHALLENGE = 'Bearer realm="api"'
