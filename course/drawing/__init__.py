"""What panels, playgrounds and lesson pictures share: colours, style, numbers, drawn digits."""
