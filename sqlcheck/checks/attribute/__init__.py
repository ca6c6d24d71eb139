"""What will the profile get?"""
