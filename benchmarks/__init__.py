"""What a site with state stores costs to build, compared with other ways to make it."""
